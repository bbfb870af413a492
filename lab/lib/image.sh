# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# The machine image: built once and cached under the hash of its recipe.

# Hashes everything that determines the content of the machine's disk.
recipe_hash() {
  (
    cd "$lab" || exit
    suite_candidates
    find guest steps/system.sh steps/initrd.sh steps/disk.sh -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    "$node" --version
  ) | sha256sum | cut -c1-16
}

ensure_image() {
  mkdir -p "$cache"
  base=$cache/$kernel-$(recipe_hash)
  exec {image_lock}>>"$base.lock"
  if $rebuild || [[ ! -f $base/disk.img ]]; then
    lock_image
    if $rebuild || [[ ! -f $base/disk.img ]]; then
      build_image
      remove_old_images
    fi
  fi
  # Hold a shared lock until the end of the run, so that no other lab removes the image.
  flock --shared "$image_lock"
}

lock_image() {
  flock --exclusive --nonblock "$image_lock" && return
  progress 'waiting for another lab that is using or building this machine'
  until flock --exclusive --nonblock "$image_lock"; do pause 1; done
}

build_image() {
  local new=$base.new
  incomplete_image=$new
  step 'making room in the cache' rm -rf "$new" "$base"
  mkdir -p "$new/ssh" "$new/native" "$new/runs"
  ssh-keygen -q -t ed25519 -N '' -C vigia-lab -f "$new/ssh/key"
  ssh-keygen -q -t ed25519 -N '' -C vigia-lab -f "$new/ssh/host_key"
  echo "vigia-lab $(cut -d' ' -f1,2 "$new/ssh/host_key.pub")" >"$new/ssh/known_hosts"
  choose_suites
  step "installing Debian (${suites//,/, }) into $new/root (about a minute)" \
    "$lab/steps/system.sh" "$new/root" "$(debian_mirror)" "$suites" "$node" "$new/ssh"
  step 'extracting the kernel' "$lab/steps/initrd.sh" "$new/root" "$new"
  step 'writing the disk' "$lab/steps/disk.sh" "$new/root" "$new/disk.img" 4096
  mv "$new" "$base"
  incomplete_image=''
}

# Removes the images of older recipes, unless a lab is using them.
remove_old_images() {
  local lock other old name
  for lock in "$cache"/*.lock; do
    old=${lock%.lock}
    [[ $old != "$base" ]] || continue
    name=$(basename "${old%-*}")
    [[ $name == "$kernel" ]] || ! kernel_names | grep -qxF "$name" || continue
    exec {other}>>"$lock"
    if flock --exclusive --nonblock "$other"; then
      step "removing an older machine: $old" rm -rf "$old" "$old.new" "$lock"
    fi
    exec {other}>&-
  done
}

# The Debian mirror in the apt sources of this host, or the default one.
debian_mirror() {
  local mirror
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -nE 's/^[[:space:]]*(deb|URIs:)[[:space:]]+(\[[^]]*\][[:space:]]+)?(https?:[^ ]*\/debian)\/?([[:space:]].*)?$/\3/p' |
    head -n 1) || true
  echo "${mirror:-http://deb.debian.org/debian}"
}
