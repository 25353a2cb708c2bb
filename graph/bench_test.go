package graph_test

import (
	"testing"

	"marque/graph"
	"marque/store/storetest"
)

// BenchmarkLoad makes the graph of ATT&CK, 18.7 thousand objects.
func BenchmarkLoad(b *testing.B) {
	objects := storetest.Attack(b)
	b.ReportAllocs()
	for b.Loop() {
		graph.FromObjects(objects, graph.Options{})
	}
	b.ReportMetric(float64(len(objects))*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}
