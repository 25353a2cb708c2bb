package intake

import "golang.org/x/sys/unix"

// diskFree returns how many bytes an ordinary user may still write where dir lies.
func diskFree(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * s.Bsize, nil
}
