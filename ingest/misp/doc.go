// Package misp reads what the MISP project publishes: galaxy clusters (https://github.com/MISP/misp-galaxy).
//
// In comes one galaxy as JSON; out comes an object per cluster under the cluster's own UUID, created by the MISP project:
// actors, malware, agencies, sectors, places, techniques, countermeasures. Who sponsors an actor is a claim of whoever says so
// (MISP's own country, or the Council on Foreign Relations that MISP cites), never a property. What has no place in STIX stays
// in x_misp_ properties, so that nothing is lost.
package misp
