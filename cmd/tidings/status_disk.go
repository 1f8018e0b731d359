package main

import (
	"fmt"
	"path/filepath"
	"time"

	"tidings.example/internal/doctor"
	"tidings.example/internal/store"
)

// diskLines tell what keeps the database from being written. The database cannot
// tell it: the process that mails does, and the disk.
func (p *program) diskLines() (lines []string) {
	if h, on := p.db.Holder(); on && h.Fault != nil {
		lines = append(lines, faultLine(h, p.zone))
	}
	if f := doctor.Disk(filepath.Dir(p.config.Database.Path)); f.Level == doctor.Fail {
		lines = append(lines, f.What)
	}
	return lines
}

// faultLine says that a process cannot write, and what waits for that.
func faultLine(h store.Holder, zone *time.Location) string {
	return fmt.Sprintf("tidings %s, process %d, cannot write the database since %s, nothing is mailed until it can: %s",
		h.Command, h.PID, h.Fault.Since.In(zone).Format("2006-01-02 15:04 MST"), oneLine(h.Fault.What))
}
