#!/usr/bin/env bash
# Boots the lab machine with Secure Boot on and a new key enrolled, and loads modules that are signed with it.
# usage: tests/secure-boot/enrolled.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -new -x509 -nodes -newkey rsa:2048 -subj '/CN=the key of this test/' \
  -addext extendedKeyUsage=codeSigning -keyout "$work/mok.key" -out "$work/mok.pem" 2>/dev/null
openssl x509 -in "$work/mok.pem" -outform DER -out "$work/mok.pub"
"$here/../../lab/lab.sh" --secure-boot --enrol "$work/mok.pem" --no-daemon --timeout 1800 \
  --payload "$work/mok.key" --payload "$work/mok.pub" \
  --run 'exec node --test tests/secure-boot/enrolled.test.ts'
