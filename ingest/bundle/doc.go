// Package bundle reads STIX 2.0 and 2.1: bundles, bare lists of objects, single objects. ATT&CK is such a bundle.
//
// In comes JSON as a stream; out go the objects as they came, byte for byte. STIX 2.0 objects are lifted to 2.1 by a hook,
// because that changes them. Sections: STIX 2.1 part 8 (bundles).
package bundle
