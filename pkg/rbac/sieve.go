package rbac

import rbacv1 "k8s.io/api/rbac/v1"

// sieve holds the verbs and the resources of a rule, or those of an action, as bits. Words share bits, so what passes
// still has to be compared; what does not pass can't match. It spares queries most comparisons of strings.
type sieve struct{ verbs, resources uint64 }

// urlBit is set for rules with URLs, and for actions on one. All other bits of sieve.resources are for resources.
const urlBit = 1 << 63

func ruleSieve(p *rbacv1.PolicyRule) sieve {
	var s sieve
	for _, verb := range p.Verbs {
		if verb == rbacv1.VerbAll {
			s.verbs = ^uint64(0)
		}
		s.verbs |= 1 << (hashWord(hashStart, verb) >> 26)
	}
	for _, resource := range p.Resources {
		if resource == rbacv1.ResourceAll {
			s.resources |= ^uint64(urlBit)
		}
		s.resources |= resourceBit(hashWord(hashStart, resource))
	}
	if len(p.NonResourceURLs) > 0 {
		s.resources |= urlBit
	}
	return s
}

func actionSieve(a *Action) sieve {
	s := sieve{verbs: 1 << (hashWord(hashStart, a.Verb) >> 26), resources: urlBit}
	switch {
	case a.IsURL():
	case a.Subresource == "":
		s.resources = resourceBit(hashWord(hashStart, a.Resource))
	default:
		s.resources = resourceBit(hashWord(hashWord(hashWord(hashStart, a.Resource), "/"), a.Subresource)) |
			resourceBit(hashWord(hashWord(hashStart, "*/"), a.Subresource))
	}
	return s
}

// passes reports whether a rule may allow the action.
func (s sieve) passes(action sieve) bool {
	return s.verbs&action.verbs != 0 && s.resources&action.resources != 0
}

// resourceBit picks one of the 63 bits below urlBit.
func resourceBit(hash uint32) uint64 { return 1 << (uint64(hash) * 63 >> 32) }

const hashStart uint32 = 2166136261

// hashWord continues a hash (FNV-1a) with a word, so that "pods", "/", "exec" give what "pods/exec" gives.
func hashWord(hash uint32, word string) uint32 {
	for i := range len(word) {
		hash = (hash ^ uint32(word[i])) * 16777619
	}
	return hash
}
