{{/* The pod, the same in a Deployment and in a StatefulSet. */}}
{{- define "penstock.pod" -}}
metadata:
  annotations:
    {{- if include "penstock.makesConfigMap" . }}
    # Another document is another pod: it is read at the start.
    checksum/document: {{ include "penstock.document" . | sha256sum | quote }}
    {{- end }}
    kubectl.kubernetes.io/default-container: penstock
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "penstock.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "penstock.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  # The whole drain, and as much again as the end itself may take.
  terminationGracePeriodSeconds: {{ add .Values.drain.delaySeconds .Values.drain.seconds 15 }}
  {{- with .Values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: penstock
      image: {{ include "penstock.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      args:
        - run
        # A folder of its own making in the volume, whose mode and owner are then its own too.
        - --data=/var/lib/penstock/data
        {{- if .Values.config.apply }}
        - --apply=/etc/penstock/config/gateway.yaml
        {{- end }}
        - --admin=0.0.0.0:{{ .Values.admin.port }}
        - --status=0.0.0.0:{{ .Values.status.port }}
        {{- if .Values.admin.tokenSecret.name }}
        - --admin-token-file=/etc/penstock/admin-token/token
        {{- end }}
        {{- if .Values.admin.tls.secretName }}
        - --admin-cert=/etc/penstock/admin-tls/tls.crt
        - --admin-key=/etc/penstock/admin-tls/tls.key
        {{- end }}
        - --drain={{ .Values.drain.seconds }}
        - --drain-delay={{ .Values.drain.delaySeconds }}
        - --transport={{ .Values.gateway.transport }}
        {{- if .Values.gateway.workers }}
        - --workers={{ .Values.gateway.workers }}
        {{- end }}
        {{- with .Values.gateway.region }}
        - {{ printf "--region=%s" . | quote }}
        {{- end }}
        {{- with .Values.gateway.zone }}
        - {{ printf "--zone=%s" . | quote }}
        {{- end }}
        {{- range .Values.gateway.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      env:
        - name: PENSTOCK_LOG
          value: {{ .Values.gateway.logLevel | quote }}
        {{- with include "penstock.jvmOptions" . }}
        - name: JDK_JAVA_OPTIONS
          value: {{ . | quote }}
        {{- end }}
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        {{- range .Values.service.ports }}
        - name: {{ .name }}
          containerPort: {{ .targetPort }}
          protocol: {{ default "TCP" .protocol }}
        {{- end }}
        - name: admin
          containerPort: {{ .Values.admin.port }}
          protocol: TCP
        - name: status
          containerPort: {{ .Values.status.port }}
          protocol: TCP
      startupProbe:
        httpGet:
          path: /startupz
          port: status
        {{- toYaml .Values.startupProbe | nindent 8 }}
      livenessProbe:
        httpGet:
          path: /livez
          port: status
        {{- toYaml .Values.livenessProbe | nindent 8 }}
      readinessProbe:
        httpGet:
          path: /readyz
          port: status
        {{- toYaml .Values.readinessProbe | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: data
          mountPath: /var/lib/penstock
        - name: tmp
          mountPath: /tmp
        {{- if .Values.config.apply }}
        - name: config
          mountPath: /etc/penstock/config
          readOnly: true
        {{- end }}
        {{- if .Values.admin.tokenSecret.name }}
        - name: admin-token
          mountPath: /etc/penstock/admin-token
          readOnly: true
        {{- end }}
        {{- if .Values.admin.tls.secretName }}
        - name: admin-tls
          mountPath: /etc/penstock/admin-tls
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- if not .Values.persistence.enabled }}
    - name: data
      emptyDir:
        sizeLimit: {{ .Values.emptyDir.dataSizeLimit }}
    {{- end }}
    - name: tmp
      emptyDir:
        sizeLimit: {{ .Values.emptyDir.tmpSizeLimit }}
    {{- if .Values.config.apply }}
    - name: config
      projected:
        defaultMode: 0440
        sources:
          {{- if .Values.config.existingSecret }}
          - secret:
              name: {{ .Values.config.existingSecret }}
          {{- else }}
          - configMap:
              name: {{ default (include "penstock.fullname" .) .Values.config.existingConfigMap }}
          {{- end }}
          {{- with .Values.config.beside }}
          {{- toYaml . | nindent 10 }}
          {{- end }}
    {{- end }}
    {{- if .Values.admin.tokenSecret.name }}
    - name: admin-token
      secret:
        secretName: {{ .Values.admin.tokenSecret.name }}
        defaultMode: 0440
        items:
          - key: {{ .Values.admin.tokenSecret.key }}
            path: token
    {{- end }}
    {{- if .Values.admin.tls.secretName }}
    - name: admin-tls
      secret:
        secretName: {{ .Values.admin.tls.secretName }}
        defaultMode: 0440
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  topologySpreadConstraints:
    {{- if .Values.topologySpreadConstraints }}
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "penstock.selectorLabels" $ | nindent 10 }}
    {{- end }}
    {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
{{- end }}
