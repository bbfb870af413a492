# shellcheck shell=bash disable=SC2154 # sentences is declared in reasons.sh
# What load-bpf.sh says when it does not load the BPF iterator. See reasons.sh.

sentences+=(
  [bpf-kernel-too-old]='the BPF iterator needs Linux 5.15 or newer, and this is {release}'
  [bpf-kernel-without-types]='this kernel ({release}) does not describe its types: {path} is missing (CONFIG_DEBUG_INFO_BTF)'
  [bpf-locked-down]='the kernel is locked down (lockdown=confidentiality) and lets no BPF program read its memory'
  [bpf-no-file-system]='no BPF file system is mounted on {path}: run "mount -t bpf bpf {path}"'
  [bpf-loader-not-allowed]='this process lacks CAP_BPF and CAP_PERFMON, which load BPF programs; in the package vigia-bpf.service has them, and "systemctl status vigia-bpf" shows why it did not load it'
  [bpf-files-missing]='{file} is missing: install the package again'
  [bpf-build-failed]='the BPF program cannot be built: "{error}". For all messages, run "{command}"'
  [bpf-refused]='the kernel refused the BPF program ("{error}")'
  [bpf-load-failed]='the BPF program could not be loaded ("{error}")'
)
