# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# What the machine finds in /opt/vigia, made anew for every run.

make_payload() {
  step 'collecting the work tree' "$lab/steps/payload.sh" "$tree" "$run/stage" "$node"
  step 'compiling the C parts' "$lab/steps/native.sh" "$base/root" "$run/stage" "$base/native"
  grep '^warning:' "$run/step.log" >&2 || true
  step 'compiling the daemon' "$lab/steps/warm.sh" "$base/root" "$run/stage"
  [[ -z $newer_kernel ]] || add_newer_kernel
  if ((${#payloads[@]} > 0)); then
    mkdir "$run/stage/payload"
    cp -- "${payloads[@]}" "$run/stage/payload/"
  fi
  step 'writing the payload disk' "$lab/steps/disk.sh" "$run/stage" "$run/payload.img" 1024
}

# Kept beside the machine that it would upgrade.
add_newer_kernel() {
  local place packages=$base/newer-kernel-$newer_kernel
  place=$(kernel=$newer_kernel kernel_places)
  read -r place _ <<<"$place"
  if [[ ! -d $packages ]]; then
    step "fetching the kernel of ${place##*,}" \
      "$lab/steps/newer-kernel.sh" "$base/root" "$(debian_mirror)" "$place" "$run/newer-kernel"
    mv "$run/newer-kernel" "$packages"
  fi
  cp -r "$packages" "$run/stage/newer-kernel"
}
