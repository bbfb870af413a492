# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# What the machine finds in /opt/vigia, made anew for every run.

make_payload() {
  step 'collecting the work tree' "$lab/steps/payload.sh" "$tree" "$run/stage" "$node"
  step 'compiling the C parts' "$lab/steps/native.sh" "$base/root" "$run/stage" "$base/native"
  grep '^warning:' "$run/step.log" >&2 || true
  step 'compiling the daemon' "$lab/steps/warm.sh" "$base/root" "$run/stage"
  step 'writing the payload disk' "$lab/steps/disk.sh" "$run/stage" "$run/payload.img" 1024
}
