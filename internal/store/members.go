package store

import (
	"encoding/binary"
	"errors"
	"iter"
	"slices"
)

// member is a reader of a wave, with the variant of the letter; variant 0 is
// no letter.
type member struct{ subscriber, variant int64 }

// encodeMembers packs members in the order of their subscribers: the number of
// variants and their ids, then for each member the distance from the one
// before, doubled, and with the lowest bit set where the variant is another: its
// place in the list of variants follows, 0 for no letter. All are varints: a
// byte a reader where one letter goes to neighbours.
func encodeMembers(list []member) []byte {
	var variants []int64
	for i, m := range list {
		if m.variant != 0 && (i == 0 || m.variant != list[i-1].variant) {
			variants = append(variants, m.variant)
		}
	}
	slices.Sort(variants)
	variants = slices.Compact(variants)
	place := make(map[int64]uint64, len(variants))
	out := binary.AppendUvarint(make([]byte, 0, 2*len(list)+16), uint64(len(variants)))
	for i, v := range variants {
		place[v] = uint64(i) + 1
		out = binary.AppendUvarint(out, uint64(v))
	}
	var before member
	for _, m := range list {
		step := uint64(m.subscriber-before.subscriber) << 1
		if m.variant == before.variant {
			out = binary.AppendUvarint(out, step)
		} else {
			out = binary.AppendUvarint(binary.AppendUvarint(out, step|1), place[m.variant])
		}
		before = m
	}
	return out
}

// errMembers says that a list of members cannot be read.
var errMembers = errors.New("a list of members is damaged")

// members is the reverse of encodeMembers. A damaged list ends with errMembers.
func members(packed []byte) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		next := func() (uint64, bool) {
			v, n := binary.Uvarint(packed)
			if n <= 0 {
				return 0, false
			}
			packed = packed[n:]
			return v, true
		}
		count, ok := next()
		if !ok || count > uint64(len(packed)) {
			yield(member{}, errMembers)
			return
		}
		variants := make([]int64, count+1)
		for i := range count {
			v, ok := next()
			if !ok {
				yield(member{}, errMembers)
				return
			}
			variants[i+1] = int64(v)
		}
		var m member
		for len(packed) > 0 {
			step, ok := next()
			if ok && step&1 == 1 {
				var place uint64
				if place, ok = next(); ok && place < uint64(len(variants)) {
					m.variant = variants[place]
				} else {
					ok = false
				}
			}
			if m.subscriber += int64(step >> 1); !ok || step>>1 == 0 {
				yield(member{}, errMembers)
				return
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}
