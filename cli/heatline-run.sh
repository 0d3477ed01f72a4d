#!/bin/sh
# Runs a program for the editor, whose terminal shows the command line of what failed: this name and the program, instead of Node and a script of ours.
# HEATLINE_NODE=NODE heatline-run PROGRAM ARGUMENT…
exec "$HEATLINE_NODE" "$(dirname "$0")/cli.js" "$@"
