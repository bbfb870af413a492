# shellcheck shell=bash disable=SC2154 # sentences is declared in reasons.sh
# What load-bpf.sh says when it does not load the BPF iterator. See reasons.sh.

sentences+=(
  [bpf-no-types]='this kernel ({release}) lacks {path} (CONFIG_DEBUG_INFO_BTF)'
  [bpf-locked-down]='the kernel is locked down (lockdown=confidentiality) and takes no BPF program that reads its memory'
  [bpf-no-file-system]='no BPF file system is mounted on {path}: run "mount -t bpf bpf {path}"'
  [bpf-files-missing]='{file} is missing: install the package again'
)
