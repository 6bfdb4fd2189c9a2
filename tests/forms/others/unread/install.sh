cat > /etc/cinder/cinder.conf <<EOF
[DEFAULT]
verbose = true
EOF
