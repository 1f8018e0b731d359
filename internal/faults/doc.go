// Package faults is the suite that breaks things around the real program and
// looks what becomes of every letter: servers that lie, processes that are
// killed, disks that are full, databases that are copied, people who leave.
//
// A test makes a [Blog] with readers and a [Sink] that takes their letters,
// starts the binary on it ([Blog.Start], [Blog.Run]), breaks something, and
// compares [Blog.Outcome] with a golden table. Nothing here imports the program:
// what it did is asked at its command line, and at the server it mailed to.
package faults
