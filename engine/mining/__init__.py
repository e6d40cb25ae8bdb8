"""What histories tell when they are played again: visits, flows taken, deviations. Pure: no tables, no clock."""
