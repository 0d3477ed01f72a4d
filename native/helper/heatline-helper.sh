#!/bin/sh
# Heatline's helper, which reads one process as root (docs/permissions.md), under a name of its own: polkit's dialog
# shows what is started.
# heatline-helper NODE IS_ELECTRON ARGUMENT…
set -eu
node=$1
electron=$2
shift 2
folder=$(dirname "$0")
if [ "$electron" = 1 ]; then exec /usr/bin/env -i ELECTRON_RUN_AS_NODE=1 "$node" "$folder/cli.js" helper "$@"; fi
exec /usr/bin/env -i "$node" "$folder/cli.js" helper "$@"
