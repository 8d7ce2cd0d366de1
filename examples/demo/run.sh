#!/bin/sh
# `make demo`: run.sh FOLDER-OF-PROGRAMS; KEEP=1 leaves the servers running until Ctrl-C.
exec "${1:?usage: run.sh FOLDER}/demo" ${KEEP:+--keep}
