"""Mounts the file system, made anew where there is none; what a ROMFS image holds is at /rom already."""

import sys

import vfs
from cortex_m4 import Flash

flash = Flash()
try:
    files = vfs.VfsLfs2(flash)
except OSError:
    vfs.VfsLfs2.mkfs(flash)
    files = vfs.VfsLfs2(flash)
vfs.mount(files, "/")
sys.path.append("/lib")
