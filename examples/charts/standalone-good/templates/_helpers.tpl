{{- define "cluster.name" -}}
{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The Secret is on: only when all of it is there. */}}
{{- define "authentication-config.enabled" -}}
{{- if and .Values.auth .Values.auth.configSecret .Values.auth.configSecret.name -}}true{{- end -}}
{{- end }}

{{- define "authentication-config.dir" -}}
/var/lib/k0s/auth
{{- end }}

{{/* The hash is part of the name, so that a new configuration is a new file, which rolls the control plane. */}}
{{- define "authentication-config.file" -}}
{{- if .Values.auth.configSecret.hash -}}
config-{{ .Values.auth.configSecret.hash }}.yaml
{{- else -}}
config.yaml
{{- end -}}
{{- end }}

{{- define "authentication-config.fullpath" -}}
{{ include "authentication-config.dir" . }}/{{ include "authentication-config.file" . }}
{{- end }}
