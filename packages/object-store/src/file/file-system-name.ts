/** Numbers by which Linux tells file systems apart, see statfs(2). */
const NAMES: Readonly<Record<number, string>> = {
  0x0102_1994: 'tmpfs',
  0x0102_1997: '9p',
  0x0bd0_0bd0: 'Lustre',
  0x00c3_6400: 'Ceph',
  0x2fc1_2fc1: 'ZFS',
  0x4d44: 'FAT',
  0x5846_5342: 'XFS',
  0x6265_6572: 'sysfs',
  0x6573_5546: 'FUSE',
  0x6969: 'NFS',
  0x7371_7368: 'squashfs',
  0x794c_7630: 'overlayfs',
  0x8584_58f6: 'ramfs',
  0x9123_683e: 'Btrfs',
  0x9584_58f6: 'hugetlbfs',
  0x9fa0: 'proc',
  0xef53: 'ext4',
  0xf15f: 'eCryptfs',
  0xf2f5_2010: 'F2FS',
  0xfe53_4d42: 'SMB',
  0xff53_4d42: 'CIFS',
};

/** The name of a type of file system as messages give it. */
export function fileSystemName(type: number): string {
  // Some systems give the number with its sign.
  const number = type >>> 0;
  return NAMES[number] ?? `the file system (type 0x${number.toString(16)})`;
}
