// Package media reads what a picture, a sound or a film says of itself, and finds where a picture is used again. It never says that
// something is fake.
//
// In come the bytes of a file. Out come its metadata and those among them that name a generator (Read), its content credentials and
// whether they hold together (ReadCredentials), and a perceptual hash by which copies are found that were scaled, cropped a little or saved
// again (HashImage, Index).
//
// # Content credentials
//
// C2PA manifests in JPEG are read after the specification 2.1 and its earlier versions from 1.0: the store in APP11 segments as JUMBF
// (ISO/IEC 19566-5), claims and assertions as CBOR, the signature as COSE_Sign1 (RFC 9052). Checked are the hashes of the assertions, of the
// picture (by ranges or by segments), of the ingredients' manifests, the signature over the claim, and that the certificate was valid
// when the time stamp says it was signed. Not checked are who vouches for the certificate, revocation, and the signature of the time
// stamp: trust is "not assessed". Valid means unchanged since the signature, not true. Remote manifests are not fetched.
//
// # Invariants
//
//   - What is not there proves nothing: metadata and manifests are lost wherever a platform saves a file anew.
//   - What cannot be read is called unreadable, with the reason, and never valid or absent.
//   - Input is hostile: sizes, depths and counts are limited, nothing panics.
package media
