# shellcheck shell=bash disable=SC2034,SC2154 # variables of the script that loads something
# The command of this distribution that installs what is missing.

# The distribution and those that it derives from, such as "ubuntu debian".
distribution() {
  sed -nE "s/^(ID|ID_LIKE)=[\"']?([^\"']*)[\"']?$/\2/p" "$host_root/etc/os-release" 2>/dev/null | paste -sd ' '
}

# What to run to install each of: headers, docker, compose, dkms, bpf-libraries, or a program by its name.
how_to_install() { # NAME…
  local installer='' names=() name
  case " $(distribution) " in
    *' debian '* | *' ubuntu '*) installer='apt-get install' ;;
    *' fedora '* | *' rhel '*) installer='dnf install' ;;
    *' suse '* | *' opensuse '*) installer='zypper install' ;;
    *' arch '*) installer='pacman -S' ;;
  esac
  for name in "$@"; do
    names+=("$(package_of "$name" "${installer%% *}")")
  done
  echo "${installer:-your package manager to install} ${names[*]}"
}

package_of() { # NAME PACKAGE_MANAGER
  case $2/$1 in
    apt-get/headers) echo "linux-headers-$release" ;;
    dnf/headers) echo "kernel-devel-$release" ;;
    # The release ends with the flavour: 6.4.0-150600.23-default.
    zypper/headers) echo "kernel-${release##*-}-devel" ;;
    pacman/headers)
      case $release in
        *-lts | *-zen | *-hardened) echo "linux-${release##*-}-headers" ;;
        *) echo linux-headers ;;
      esac
      ;;
    */headers) echo "the headers of kernel $release" ;;
    # What bpf/load is linked with.
    apt-get/bpf-libraries) echo 'libc6-dev libbpf-dev libelf-dev zlib1g-dev' ;;
    */bpf-libraries) echo 'libbpf libelf zlib' ;;
    apt-get/docker) echo docker.io ;;
    dnf/docker) echo moby-engine ;;
    */compose) echo docker-compose ;;
    dnf/cron | zypper/cron | pacman/cron) echo cronie ;;
    # Debian and Ubuntu have several compilers at a time; the others have one.
    apt-get/*) echo "$1" ;;
    */gcc-*) echo gcc ;;
    */clang-* | */lld-*) echo "${1%%-*}" ;;
    *) echo "$1" ;;
  esac
}
