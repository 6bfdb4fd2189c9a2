#!/bin/bash
CONF=/etc/cinder/cinder.conf
crudini --set $CONF DEFAULT debug yess
crudini --set $CONF DEFAULT enabled_backends nfs; openstack-config --set "${CONF}" nfs nfs_mount_optons soft
sudo crudini --set --existing /etc/cinder/cinder.conf \
    DEFAULT osapi_volume_workers "${WORKERS}" && crudini --set $CONF DEFAULT verbose True  # verbos
crudini --set /etc/nova/nova.conf DEFAULT verbos yess
crudini --set $OTHER DEFAULT verbos yess
