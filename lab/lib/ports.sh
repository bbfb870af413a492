# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh

port_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints the first free local port, starting with the given one.
free_port() {
  local port=$1
  while port_taken "$port"; do
    port=$((port + 1))
    ((port < 65536)) || return 1
  done
  echo "$port"
}
