#!/bin/sh
# An example script for /etc/vigia/hooks.d/before-restart/ and before-stop/: Vigía asks it before it restarts or stops a
# service, and leaves the service alone if it ends with another code than 0. What it writes is kept for people to read.
# It has ten seconds; a script that needs longer has no say, and none is asked when memory runs out. Install it with:
#   install -D -o root -m 755 scripts/hooks/not-during-backup.sh /etc/vigia/hooks.d/before-restart/10-not-during-backup
set -eu

# Held by the backup while it runs, as in: flock /run/lock/backup restic backup /srv
lock=/run/lock/backup
if [ -e "$lock" ] && ! flock --nonblock "$lock" true; then
  echo "the backup is running"
  exit 1
fi
