#!/bin/sh
# The first argument or NODE_ROLE names what to start; anything else is executed as given.
case ${1:-$NODE_ROLE} in
  nameserver) [ "$#" -eq 0 ] || shift; exec ./mqnamesrv "$@" ;;
  broker) [ "$#" -eq 0 ] || shift; exec ./mqbroker "$@" ;;
  *) exec "$@" ;;
esac
