checks += scripts/check-docs
