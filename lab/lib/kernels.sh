# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with lab.sh
# Reads kernels.txt: the kernels of the lab and the Debian suites that provide them.

kernel_names() { awk '!/^#/ && NF { print $1 }' "$lab/kernels.txt"; }

suite_candidates() { awk -v name="$kernel" '$1 == name { $1 = ""; print }' "$lab/kernels.txt"; }

# Sets $suites to the candidate for $kernel with the newest kernel. Asks the Debian mirror only if there are several.
choose_suites() {
  local candidate version newest=''
  read -ra candidates <<<"$(suite_candidates)"
  suites=${candidates[0]}
  ((${#candidates[@]} > 1)) || return 0
  progress "looking for the newest kernel in: ${candidates[*]}"
  for candidate in "${candidates[@]}"; do
    version=$(newest_kernel "${candidate##*,}")
    if [[ -z $newest ]] || dpkg --compare-versions "$version" gt "$newest"; then
      newest=$version suites=$candidate
    fi
  done
}

newest_kernel() { # SUITE
  curl --silent --show-error --fail "$(debian_mirror)/dists/$1/main/binary-amd64/Packages.xz" | xz -dc |
    awk '/^Package: /{ ours = $2 == "linux-image-cloud-amd64" } ours && /^Version: / && !seen++ { print $2 }'
}
