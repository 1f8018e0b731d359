package feed

// ArchiveBytes is what the server keeps of archive pages in memory.
func (s *Server) ArchiveBytes() int {
	a := s.archive.Load()
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for e := a.order.Front(); e != nil; e = e.Next() {
		n += e.Value.(*archived).bytes()
	}
	if n != a.bytes || len(a.cache) != a.order.Len() {
		return -1
	}
	return n
}
