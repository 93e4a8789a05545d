// Package kube is the wire: it turns kubectl's connection flags into requests to one API server, and reads the answers
// as they stream in.
//
// It knows no domain. Callers get the raw bytes of list items ([Cluster.List]), what the server serves
// ([Cluster.Resources]) and its reviews of who is asking and what is allowed; what the objects mean is their business.
//
// Errors of the API server stay what client-go makes of them, so errors.As to *apierrors.StatusError and the
// apierrors.Is functions work on everything that is returned here.
package kube
