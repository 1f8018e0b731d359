package feed

// Ready tells whether the server was given pages: until the first Update it does
// not know which feeds there are.
func (s *Server) Ready() bool { return s.pages.Load() != nil }
