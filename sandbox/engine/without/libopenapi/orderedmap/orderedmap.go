// Package orderedmap has the map that documents are made of. There are no documents here, so it stays empty.
package orderedmap

import "iter"

// Map is empty.
type Map[K comparable, V any] struct{}

// New makes a map.
func New[K comparable, V any]() *Map[K, V] { return &Map[K, V]{} }

// Len is zero.
func Len[K comparable, V any](*Map[K, V]) int { return 0 }

// Len is zero.
func (*Map[K, V]) Len() int { return 0 }

// Set forgets.
func (*Map[K, V]) Set(K, V) (value V, found bool) { return value, false }

// Get finds nothing.
func (*Map[K, V]) Get(K) (value V, found bool) { return value, false }

// GetOrZero finds nothing.
func (*Map[K, V]) GetOrZero(K) (value V) { return value }

// Delete finds nothing.
func (*Map[K, V]) Delete(K) (value V, found bool) { return value, false }

// KeysFromOldest yields nothing.
func (*Map[K, V]) KeysFromOldest() iter.Seq[K] { return func(func(K) bool) {} }

// FromOldest yields nothing.
func (*Map[K, V]) FromOldest() iter.Seq2[K, V] { return func(func(K, V) bool) {} }
