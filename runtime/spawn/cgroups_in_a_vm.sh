#!/bin/bash
# Runs spawn_test's tests of cgroups in a small virtual machine with a kernel of Debian's: on the machine at hand the
# controllers may belong to cgroup v1, or not to this user, and then those tests are skipped.
#
#   cgroups_in_a_vm.sh SPAWN_TEST SPAWN_SERVER
#
# The kernel is /boot's newest, or Debian's cloud kernel, which is fetched for the time of the run. All is emulated, so
# it takes no rights, and about ten seconds.
# Exit status: 0 passed; 1 failed; 77 skipped, the reason said: no qemu-system-x86_64, no static busybox, no kernel.
set -euo pipefail

readonly spawn_test=$1 spawn_server=$2

skip() {
  echo "skipped: $1"
  exit 77
}

for tool in qemu-system-x86_64 busybox cpio; do
  command -v "$tool" >/dev/null || skip "$tool is missing (Debian: qemu-system-x86 busybox-static cpio)"
done

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

find_kernel() {
  local newest
  newest=$(find /boot -maxdepth 1 -name 'vmlinuz-*' -readable 2>/dev/null | sort -V | tail -n 1)
  if [[ -z $newest ]]; then
    local package
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^  Depends: //p' | head -n 1)
    [[ -n $package ]] && (cd "$work" && apt-get download "$package" >/dev/null 2>&1) || return 0
    dpkg-deb -x "$work/$package"_*.deb "$work/kernel"
    newest=$(find "$work/kernel/boot" -name 'vmlinuz-*')
  fi
  echo "$newest"
}

# Copies files to where they are, below the new root, with the libraries that they need.
add() {
  local file library
  for file in "$@"; do
    install -D -- "$file" "$work/root$file"
    # A static one has none, which is no failure.
    for library in $(ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true); do
      install -D -- "$library" "$work/root$library"
    done
  done
}

kernel=$(find_kernel)
[[ -n $kernel ]] || skip "no kernel: /boot has none, and linux-image-cloud-amd64 cannot be fetched"
mkdir -p "$work"/root/{bin,dev,etc,proc,sys,tmp}
add "$spawn_test" "$spawn_server" /bin/sh /bin/{busybox,cat,sleep} /usr/bin/{setsid,tail}
echo 'root:x:0:0:root:/:/bin/sh' >"$work/root/etc/passwd"
cat >"$work/root/init" <<END
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t tmpfs tmp /tmp
/bin/busybox mount -t cgroup2 cgroup2 /sys/fs/cgroup
export PATH=/bin:/usr/bin
$spawn_test --gtest_color=no --gtest_filter='*.ACgroup*'
echo "spawn_test's status: \$?"
echo "groups left: \$(/bin/busybox find /sys/fs/cgroup -name 'portlab*' | /bin/busybox wc -l)"
/bin/busybox poweroff -f
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initrd"

timeout 240 qemu-system-x86_64 -accel tcg -cpu max -m 1024 -nographic -no-reboot -kernel "$kernel" \
  -initrd "$work/initrd" -append 'console=ttyS0 panic=-1 quiet' </dev/null 2>&1 | tr -d '\r' | tee "$work/console"
grep -q "^spawn_test's status: 0\$" "$work/console" || exit 1
grep -q '^groups left: 0$' "$work/console" || exit 1
if grep -q '  SKIPPED' "$work/console"; then exit 1; fi
