{{- define "penstock.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Some resources add up to ten letters to it. */}}
{{- define "penstock.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* What never changes while a release lives. */}}
{{- define "penstock.selectorLabels" -}}
app.kubernetes.io/name: {{ include "penstock.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "penstock.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "penstock.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | trunc 63 | quote }}
app.kubernetes.io/component: gateway
app.kubernetes.io/part-of: penstock
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "penstock.image" -}}
{{- $repository := required "image.repository is missing: the registry and name under which your cluster finds the image, for example registry.example/penstock. How it comes there: README.md of this chart" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag | replace "+" "_") }}
{{- end }}
{{- end }}

{{- define "penstock.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "penstock.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The document is a ConfigMap of this chart's unless it lies in one, or in a Secret, of somebody else's. */}}
{{- define "penstock.makesConfigMap" -}}
{{- if and .Values.config.apply (not .Values.config.existingConfigMap) (not .Values.config.existingSecret) }}true{{ end }}
{{- end }}

{{/* As a text it is passed on to the letter: Helm makes 1e+07 of 10000000 in a map. */}}
{{- define "penstock.document" -}}
{{- if kindIs "string" .Values.config.document }}
{{- .Values.config.document }}
{{- else }}
{{- toYaml .Values.config.document }}
{{- end }}
{{- end }}

{{/* A quantity of memory in MiB, rounded down; 0 if it is none that is understood. */}}
{{- define "penstock.mebibytes" -}}
{{- /* A number without a unit comes as a floating one. */}}
{{- $text := kindIs "string" . | ternary . (. | int64 | toString) }}
{{- $number := regexFind "^[0-9]+(\\.[0-9]+)?" $text | float64 }}
{{- $unit := regexReplaceAll "^[0-9]+(\\.[0-9]+)?" $text "" }}
{{- $bytes := dict "" 1.0 "k" 1000.0 "M" 1000000.0 "G" 1000000000.0 "T" 1000000000000.0 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 }}
{{- if hasKey $bytes $unit }}
{{- divf (mulf $number (get $bytes $unit)) 1048576.0 | floor | int64 }}
{{- else }}
{{- 0 }}
{{- end }}
{{- end }}

{{/*
The launcher chooses heap and buffers by the memory, and is a shell script, which the image has none to run. These are its rows
(docs/PERFORMANCE.md, "Sizing"); a test compares them. Whoever says anything of memory in gateway.jvmOptions says all of it.
*/}}
{{- define "penstock.jvmOptions" -}}
{{- $given := .Values.gateway.jvmOptions }}
{{- $options := list }}
{{- $memory := dig "limits" "memory" "" .Values.resources }}
{{- if and $memory (not (regexMatch "-Xm[nsx]|MaxDirectMemorySize|RAMPercentage|HeapSize|NewSize" $given)) }}
{{- $mebibytes := include "penstock.mebibytes" $memory | int64 }}
{{- if gt $mebibytes 0 }}
{{- $heap := 40 }}
{{- $direct := 40 }}
{{- if lt $mebibytes 1024 }}
{{- $heap = 30 }}{{ $direct = 20 }}
{{- else if lt $mebibytes 3072 }}
{{- $direct = 25 }}
{{- else if lt $mebibytes 8192 }}
{{- $direct = 30 }}
{{- else if lt $mebibytes 24576 }}
{{- $direct = 35 }}
{{- end }}
{{- $options = append $options (printf "-Xmx%dm" (div (mul $mebibytes $heap) 100)) }}
{{- $options = append $options (printf "-XX:MaxDirectMemorySize=%dm" (div (mul $mebibytes $direct) 100)) }}
{{- if and (ge $mebibytes 1024) (not (regexMatch "-XX:\\+Use\\w*GC" $given)) }}
{{- $options = append $options "-XX:MaxNewSize=256m" }}
{{- end }}
{{- end }}
{{- end }}
{{- if $given }}
{{- $options = append $options $given }}
{{- end }}
{{- join " " $options }}
{{- end }}

{{/* What Kubernetes would take, and a gateway could not serve by. */}}
{{- define "penstock.check" -}}
{{- if and .Values.config.existingConfigMap .Values.config.existingSecret }}
{{- fail "config.existingConfigMap and config.existingSecret are both given: the document lies in one of them" }}
{{- end }}
{{- if eq (int .Values.admin.port) (int .Values.status.port) }}
{{- fail (printf "admin.port and status.port are both %d: each needs its own" (int .Values.admin.port)) }}
{{- end }}
{{- range .Values.service.ports }}
{{- if and (ne (default "TCP" .protocol) "UDP") (or (eq (int .targetPort) (int $.Values.admin.port)) (eq (int .targetPort) (int $.Values.status.port))) }}
{{- fail (printf "service.ports %q: targetPort %d is the admin API's or the status port's (admin.port %d, status.port %d): choose another" .name (int .targetPort) (int $.Values.admin.port) (int $.Values.status.port)) }}
{{- end }}
{{- end }}
{{- end }}
