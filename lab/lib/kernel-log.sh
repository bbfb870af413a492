# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Searches kernel logs for messages that a healthy kernel never logs.

# An OOM kill of a container at its memory limit is expected from the workload, but the
# kernel logs it with a call trace.
excused_trace='invoked oom-killer'

# Prints each distinct warning in the files once.
kernel_warnings() { # FILE…
  awk -v excused_trace="$excused_trace" '
    BEGIN {
      complaint = "(^|[^A-Z_])BUG([^A-Z_]|$)|WARNING:|Oops|KASAN|KFENCE|KCSAN|UBSAN|kmemleak:|" \
        "suspicious RCU|general protection|Call Trace|soft lockup|hard LOCKUP|" \
        "rcu.*stall|hung task|blocked for more than|refcount_t:|" \
        "list_(add|del) corruption|[Kk]ernel panic|[Uu]nable to handle|" \
        "scheduling while atomic|INFO: possible|invalid opcode|stack-protector"
      harmless = "loading out-of-tree module taints kernel|" \
        "module verification failed: signature|traps: |" \
        "kmemleak: (Kernel memory leak detector initialized|Cannot allocate a scan area)"
    }
    $0 ~ excused_trace { excused = 1 }
    excused && /Call Trace/ { excused = 0; next }
    $0 ~ complaint && $0 !~ harmless {
      # On the console the same line is preceded by a timestamp.
      sub(/^.*\[ *[0-9]+\.[0-9]+\] /, "")
      sub(/\r$/, "")
      if (!seen[$0]++) print
    }
  ' "$@"
}
