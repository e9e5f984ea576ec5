#!/bin/sh
# Prints docs/images/map.svg: a host with named namespaces on two bridges, a VLAN, a macvlan, a VXLAN and a lost wire.
# For a guest that has two NICs: NETNSCTL=PROGRAM tests/uml/run docs/images/map.sh | sed '/<.svg>/q' >docs/images/map.svg
set -eu
NETNSCTL=${NETNSCTL:-netnsctl}
hostname node1
ip link set vec0 name eth0
ip link set vec1 name eth1
ip link set eth0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
ip addr add 192.0.2.10/24 dev eth0
ip route add default via 192.0.2.1
for name in web db cache proxy probe old; do ip netns add $name; done
wire() { "$NETNSCTL" wire --no-check "$@" >/dev/null; }
ip link add br-app type bridge
ip link set br-app up
ip link add br-lab type bridge
ip link set br-lab up
wire --name web-app web:eth0=10.1.0.2/24,gw=10.1.0.1 bridge://br-app=10.1.0.1/24
wire --name db-app db:eth0=10.1.0.3/24,gw=10.1.0.1 bridge://br-app=10.1.0.1/24
wire --name cache-lab cache:eth0=10.2.0.2/24,gw=10.2.0.1 bridge://br-lab=10.2.0.1/24
wire --name web-cache web:eth1=10.3.0.1/30 cache:eth1=10.3.0.2/30
wire --name proxy-lan proxy:eth0=192.0.2.20/24,gw=192.0.2.1 macvlan://eth0
wire --name probe-100 probe:eth0=192.168.100.9/24 vlan://eth0/100
wire --name old-app old:eth0=10.1.0.9/24 bridge://br-app
ip link add vx42 type vxlan id 42 remote 192.0.2.99 dstport 4789 dev eth0
ip link set vx42 master br-lab up
ip netns delete old
exec "$NETNSCTL" map --format svg
