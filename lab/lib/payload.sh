# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Builds the content of /opt/vigia in the machine, for each run.

make_payload() {
  step 'collecting the work tree' "$lab/steps/payload.sh" "$tree" "$run/stage" "$node"
  step 'compiling the C parts' "$lab/steps/compile-native.sh" "$base/root" "$run/stage" "$base/native"
  grep '^warning:' "$run/step.log" >&2 || true
  step 'compiling the daemon' "$lab/steps/compile-cache.sh" "$base/root" "$run/stage"
  [[ -z $newer_kernel ]] || add_newer_kernel
  if ((${#payloads[@]} > 0)); then
    mkdir "$run/stage/payload"
    cp -- "${payloads[@]}" "$run/stage/payload/"
  fi
  step 'writing the payload disk' "$lab/steps/disk.sh" "$run/stage" "$run/payload.img" 1024
}

# Adds the packages of another kernel; cached in the directory of this machine's image.
add_newer_kernel() {
  local candidate packages=$base/newer-kernel-$newer_kernel
  candidate=$(kernel=$newer_kernel suite_candidates)
  read -r candidate _ <<<"$candidate"
  if [[ ! -d $packages ]]; then
    step "fetching the kernel of ${candidate##*,}" \
      "$lab/steps/newer-kernel.sh" "$base/root" "$(debian_mirror)" "$candidate" "$run/newer-kernel"
    mv "$run/newer-kernel" "$packages"
  fi
  cp -r "$packages" "$run/stage/newer-kernel"
}
