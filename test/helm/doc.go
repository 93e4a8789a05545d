// Package helm proves that pkg/chart renders charts as Helm does: each chart of its tests, and each of examples/charts,
// is rendered by Helm's SDK too, and what the templates give is compared byte for byte. Where one refuses, so must the
// other. The SDK is no part of the product, since it would be most of a binary.
package helm
