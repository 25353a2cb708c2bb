// Package peers lets other people's libraries read what Marque writes, and Marque read what they write.
//
// In goes what the exports make of a small workspace; out comes what pymisp, stix2, stix2-validator and misp-stix say. The tests
// run the Python scripts of this folder with the interpreter that the environment variable MARQUE_PEERS names, in which
// requirements.txt is installed; without it they say that they are skipped. Nothing here touches the network.
package peers
