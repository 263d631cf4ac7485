#!/bin/sh
# Stands at the head of every script of the package; deb.ts puts it in the place of their first line.
set -e

# Calls a function for the manager of each user: `$manager` before what systemctl is to do. They are many and not
# ours: one that does not answer spoils nothing.
each_manager() {
  for user in $(systemctl list-units --plain --no-legend 'user@*.service' | sed -n 's/^user@\([0-9]*\)\.service .*/\1/p'); do
    manager="systemctl --quiet --user --machine $user@"
    "$1" || true
  done
}
