# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# The kernel-log guard: what a healthy kernel never says.

# A container over its memory limit is the workload at work; the kernel reports it
# with a call trace all the same.
excused_trace='invoked oom-killer'

kernel_complaints() { # FILE…
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
      # The same line on the console has a time before it.
      sub(/^.*\[ *[0-9]+\.[0-9]+\] /, "")
      sub(/\r$/, "")
      if (!seen[$0]++) print
    }
  ' "$@"
}
