# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Which kernels there are (kernels.txt), and where Debian keeps them.

kernel_names() { awk '!/^#/ && NF { print $1 }' "$lab/kernels.txt"; }

kernel_places() { awk -v name="$kernel" '$1 == name { $1 = ""; print }' "$lab/kernels.txt"; }

# The place of $kernel, in $suites: asked of Debian only where there is a choice.
choose_suites() {
  local place version newest=''
  read -ra places <<<"$(kernel_places)"
  suites=${places[0]}
  ((${#places[@]} > 1)) || return 0
  progress "looking for the newest kernel in: ${places[*]}"
  for place in "${places[@]}"; do
    version=$(newest_kernel "${place##*,}")
    if [[ -z $newest ]] || dpkg --compare-versions "$version" gt "$newest"; then
      newest=$version suites=$place
    fi
  done
}

newest_kernel() { # SUITE
  curl --silent --show-error --fail "$(debian_mirror)/dists/$1/main/binary-amd64/Packages.xz" | xz -dc |
    awk '/^Package: /{ ours = $2 == "linux-image-cloud-amd64" } ours && /^Version: / && !seen++ { print $2 }'
}
