#!/bin/sh
# An example script for /etc/vigia/hooks.d/<event>/: sends the event, which is JSON, to the URL in
# /etc/vigia/webhook-url. Without that file it writes the event to the system's log. Install it with:
#   install -D -o root -m 755 scripts/hooks/notify.sh /etc/vigia/hooks.d/emergency/10-notify
set -eu

url_file=/etc/vigia/webhook-url
if [ -r "$url_file" ]; then
  exec curl --silent --show-error --fail --max-time 10 --header 'Content-Type: application/json' --data-binary @- "$(cat "$url_file")"
fi
exec logger --tag vigia-hook
