{{- if .Values.nfs }}
volume_driver = cinder.volume.drivers.nfs.NfsDriver
{{- end }}
{{ .Values.more }}
