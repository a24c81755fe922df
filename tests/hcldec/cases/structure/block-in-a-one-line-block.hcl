node { disk {} }
