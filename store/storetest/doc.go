// Package storetest is what every driver of package store must pass: each sentence of the contract has a case here.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { … an empty store, closed by t.Cleanup … })
//	}
//
// [Generate] makes objects by the thousand for benchmarks and hammers. What only a driver can stage (a kill, a full disk, a
// second process) it tests itself.
package storetest
