package auth

import "time"

// NewMemoryOnce is what nil [Options].Once is, with its own clock.
func NewMemoryOnce(now func() time.Time) Once { return newMemoryOnce(now) }

// Remembered returns how many keys a memoryOnce holds.
func Remembered(o Once) int { return len(o.(*memoryOnce).until) }
