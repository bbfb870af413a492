# shellcheck shell=bash
# Downloads Debian packages for the comparisons, in the current version of a suite.

mirror=${VIGIA_DEBIAN_MIRROR:-http://deb.debian.org/debian}

# Downloads a package, verifies its digest, unpacks it into FOLDER and adds its version to FOLDER/versions.
unpack() { # SUITE PACKAGE FOLDER
  local file digest package
  package=$(mktemp)
  read -r file digest < <(curl -fsS "$mirror/dists/$1/main/binary-amd64/Packages.xz" | xz -dc |
    awk -v RS= -v name="$2" '$2 == name {
      for (i = 1; i < NF; i++) { if ($i == "Filename:") file = $(i + 1); if ($i == "SHA256:") digest = $(i + 1) }
      if (!found++) print file, digest }')
  curl -fsS -o "$package" "$mirror/$file"
  echo "$digest  $package" | sha256sum --check --quiet
  mkdir -p "$3"
  dpkg-deb -x "$package" "$3"
  basename "$file" .deb >>"$3/versions"
  rm "$package"
}
